"""One module per screen; each says its routes and renders one or two templates."""
