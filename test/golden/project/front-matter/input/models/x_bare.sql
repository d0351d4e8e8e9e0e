/* ---
--- */ select 1
