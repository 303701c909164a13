"""Widgets that draw plain lines of cells.  They hold no world, and no rule of any protocol."""
