"""How a message leaves and a text or status comes in; one folder per channel; knows no table."""
