from django.urls import path

from oxherd.panel import difference_repairs, differences

urlpatterns = [
    path("", differences.listed, name="ox_differences"),
    path("compare/", differences.compare, name="ox_differences_compare"),
    path("state/", differences.state, name="ox_differences_state"),
    path("progress/", differences.progress, name="ox_differences_progress"),
    path("repair/<slug:way>/", difference_repairs.repair, name="ox_differences_repair"),
    path("<int:pk>/retry/", difference_repairs.retry, name="ox_difference_retry"),
    path("<int:pk>/photo/", difference_repairs.photo, name="ox_difference_photo"),
]
