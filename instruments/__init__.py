"""What is asked, and how answers become measures. Pure: no Flask, no database, no templates."""
