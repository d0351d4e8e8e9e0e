/* ---
  description: x
  materialise: view
--- */ select 1
