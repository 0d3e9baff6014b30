"""What ``dateline report`` is made of: views of a lake, sections with numbers and charts, one HTML page."""
