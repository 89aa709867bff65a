from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "watchbill.apps.notices"
    label = "notices"
