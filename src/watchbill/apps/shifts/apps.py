from django.apps import AppConfig


class ShiftsConfig(AppConfig):
    name = "watchbill.apps.shifts"
    label = "shifts"
