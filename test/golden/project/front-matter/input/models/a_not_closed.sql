/* ---
description: x
---
select 1
