"""Where photos come from and how they become arrays. Neither torch nor streamlit is imported here."""
