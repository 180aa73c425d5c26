from django.urls import URLPattern, URLResolver

app_name = "workbook"
urlpatterns: list[URLPattern | URLResolver] = []
