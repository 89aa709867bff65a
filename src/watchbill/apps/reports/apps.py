from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "watchbill.apps.reports"
    label = "reports"
