"""What goes on behind the pages: uploads, the list of lectures, their processes, and what they leave."""
