"""The spaCy pipeline: mentions, abbreviations, roles and relations; its model, training and evaluation."""
