from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "watchbill.apps.customers"
    label = "customers"
