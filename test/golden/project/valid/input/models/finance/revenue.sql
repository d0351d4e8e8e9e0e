-- no settings
select 1 as x
