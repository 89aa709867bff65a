from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "watchbill.apps.clocks"
    label = "clocks"
