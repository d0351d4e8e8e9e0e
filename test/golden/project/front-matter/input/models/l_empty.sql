/* ---
description: x
--- */
-- select 1
/* no /* thing */ */ ;

