"""What flows through Dateline and what it stores. Imports neither Beam nor anything else of Dateline's."""
