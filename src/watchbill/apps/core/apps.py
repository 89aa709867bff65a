from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "watchbill.apps.core"
    label = "core"
