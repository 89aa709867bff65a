from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "watchbill.apps.inbox"
    label = "inbox"
