from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "watchbill.apps.people"
    label = "people"
