-- mine
/* ---
materialize: view
--- */
select 1
