from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "watchbill.apps.decisions"
    label = "decisions"
