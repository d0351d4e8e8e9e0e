/* --------
  user value: all
------ */ select 1
