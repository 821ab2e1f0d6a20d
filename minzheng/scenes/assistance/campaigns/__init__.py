"""批量复核: what falls due is checked again by the system, confirmed in bulk where nothing changed, and worked on where something did."""
