from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "watchbill.apps.core"
    label = "core"

    def ready(self) -> None:
        from watchbill.apps.core.arrays import keys_register

        keys_register()
