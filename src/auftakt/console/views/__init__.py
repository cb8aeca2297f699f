"""The screens, grouped as people use them."""
