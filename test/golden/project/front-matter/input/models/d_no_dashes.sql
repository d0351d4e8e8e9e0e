/* ---
description: a
*/
select 1
