"""How often one caller may do what."""

# name -> (how many, in how many seconds)
RATES = {
    "default": (100, 60),
    "guest-ticket-ip": (20, 3600),
    "guest-ticket-email": (10, 3600),
    "find-ticket-ip": (20, 3600),
    "find-ticket-email": (5, 3600),
    "sign-in": (10, 300),
    "article-vote": (60, 3600),
    "form-begun": (60, 3600),
    "survey": (120, 3600),
    "sign-in-email": (50, 3600),
}
