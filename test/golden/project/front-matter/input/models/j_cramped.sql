/* --- materialize: view --- */
select 1
