-- Times in the order of the entries, and one statement less in each.
--
-- The time was taken before the wait for the head, so that an entry could say it was earlier than the
-- one before it. The head is made only where there is none.
CREATE OR REPLACE FUNCTION audit.append(caller text, request_id text, action text, records uuid[])
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = ''
  AS $$
  DECLARE
    org      uuid := app.current_org();
    now_at   timestamptz;
    next_seq bigint;
    before   bytea;
    own      bytea;
  BEGIN
    SELECT head.seq + 1, head.hash INTO next_seq, before
      FROM audit.head WHERE head.org_id = org FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO audit.head (org_id, seq, hash) VALUES (org, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (org_id) DO NOTHING;
      SELECT head.seq + 1, head.hash INTO STRICT next_seq, before
        FROM audit.head WHERE head.org_id = org FOR UPDATE;
    END IF;
    -- Whole microseconds, which is what the column keeps.
    now_at := clock_timestamp();
    own := sha256(before || convert_to(concat_ws(E'\n', org, next_seq,
      (extract(epoch FROM now_at) * 1000000)::bigint, caller, request_id, action,
      array_to_string(records, ',')), 'UTF8'));
    INSERT INTO audit.entry VALUES
      (org, next_seq, now_at, caller, request_id, action, records, before, own);
    UPDATE audit.head SET seq = next_seq, hash = own WHERE head.org_id = org;
  END $$;

-- The row changes with every entry, and no index does, so its page keeps room for the next version.
ALTER TABLE audit.head SET (fillfactor = 50);
