from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "watchbill.apps.work"
    label = "work"
