/* ---
owner: ${S}
dialect: ${S}
materialize: ${S}
send: { adz: { mode: "${S}", consent: "${S}", tag: ["${S}"] } }
--- */
select profile_id from profiles
