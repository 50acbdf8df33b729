from django.urls import URLPattern, URLResolver, path

from knowledgebase import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("help", views.kb_home, name="kb-home"),
    path("help/search", views.kb_search, name="kb-search"),
    path("help/topics/<slug:slug>", views.kb_category, name="kb-category"),
    path("help/<slug:slug>", views.kb_article, name="kb-article"),
    path("privacy", views.privacy, name="privacy"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
