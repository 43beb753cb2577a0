-- The ledger's speed on PostgreSQL; statements are parted by lines that say: next.
--
-- The guards are those of 0008. An insert of few entries folds them one by one with plans that the
-- session keeps; an insert of many folds them as sets.

CREATE OR REPLACE FUNCTION stock_entry_fold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    few CONSTANT int := 20;
    entry record;
    hold stock_hold;
    posted bigint;
    pending bigint;
    touched bigint;
    wrong bigint;
    chains bigint;
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM fresh LIMIT few + 1) counted) <= few THEN
        FOR entry IN SELECT * FROM fresh ORDER BY id LOOP
            UPDATE stock_head
               SET sequence = entry.sequence, hash = entry.hash, written_at = entry.written_at
             WHERE upt_id = entry.upt_id AND sequence = entry.sequence - 1
               AND hash = entry.previous_hash;
            IF NOT FOUND THEN PERFORM stock_refuse('stock_chain', entry.id); END IF;

            IF entry.hold_id IS NOT NULL THEN
                SELECT * INTO hold FROM stock_hold WHERE entry_id = entry.hold_id;
                IF NOT coalesce(
                    hold.upt_id = entry.upt_id AND hold.variant_id = entry.variant_id
                    AND hold.lot_id = entry.lot_id
                    AND CASE
                        WHEN entry.phase = 'move' THEN
                            hold.state = 'posted' AND entry.from_account = hold.to_account
                            AND entry.quantity = hold.quantity_posted
                        ELSE
                            hold.state = 'open' AND entry.from_account = hold.from_account
                            AND entry.to_account = hold.to_account
                            AND entry.quantity <= hold.quantity
                            AND (entry.phase = 'post' OR entry.quantity = hold.quantity)
                        END, false)
                THEN PERFORM stock_refuse('stock_hold_closed', entry.id); END IF;
            END IF;

            IF entry.reverses_id IS NOT NULL THEN
                PERFORM FROM stock_entry o
                  WHERE o.id = entry.reverses_id AND o.upt_id = entry.upt_id
                    AND o.variant_id = entry.variant_id AND o.lot_id = entry.lot_id
                    AND o.from_account = entry.to_account AND o.to_account = entry.from_account
                    AND entry.quantity <= o.quantity AND o.phase IN ('move', 'post')
                    AND o.reverses_id IS NULL;
                IF NOT FOUND THEN PERFORM stock_refuse('stock_reversal', entry.id); END IF;
            END IF;

            IF entry.phase = 'keep' THEN
                UPDATE stock_hold SET expires_at = entry.expires_at WHERE entry_id = entry.hold_id;
                CONTINUE;
            END IF;

            posted := CASE WHEN entry.phase IN ('move', 'post') THEN entry.quantity ELSE 0 END;
            pending := CASE entry.phase WHEN 'hold' THEN entry.quantity
                                        WHEN 'void' THEN -entry.quantity
                                        WHEN 'post' THEN -hold.quantity
                                        ELSE 0 END;
            UPDATE stock_balance
               SET in_posted = in_posted
                             + CASE WHEN account = entry.to_account THEN posted ELSE 0 END,
                   out_posted = out_posted
                              + CASE WHEN account = entry.from_account THEN posted ELSE 0 END,
                   in_pending = in_pending
                              + CASE WHEN account = entry.to_account THEN pending ELSE 0 END,
                   out_pending = out_pending
                               + CASE WHEN account = entry.from_account THEN pending ELSE 0 END
             WHERE upt_id = entry.upt_id AND variant_id = entry.variant_id AND lot_id = entry.lot_id
               AND account IN (entry.from_account, entry.to_account);
            GET DIAGNOSTICS touched = ROW_COUNT;
            IF touched < 2 AND entry.phase IN ('move', 'hold') THEN
                INSERT INTO stock_balance
                SELECT entry.upt_id, entry.variant_id, entry.lot_id, side.account,
                       side.is_to * posted, (1 - side.is_to) * posted,
                       side.is_to * pending, (1 - side.is_to) * pending
                  FROM (VALUES (entry.from_account, 0), (entry.to_account, 1)) side (account, is_to)
                 WHERE NOT EXISTS (
                    SELECT FROM stock_balance b
                     WHERE b.upt_id = entry.upt_id AND b.variant_id = entry.variant_id
                       AND b.lot_id = entry.lot_id AND b.account = side.account);
            END IF;

            IF entry.phase = 'hold' THEN
                INSERT INTO stock_hold
                VALUES (entry.id, entry.upt_id, entry.variant_id, entry.lot_id, entry.from_account,
                        entry.to_account, entry.quantity, 0, entry.expires_at, 'open');
            ELSIF entry.phase IN ('post', 'void') THEN
                UPDATE stock_hold
                   SET state = CASE WHEN entry.phase = 'post' THEN 'posted'
                                    WHEN entry.kind = 'expired' THEN 'expired' ELSE 'voided' END,
                       quantity_posted = posted
                 WHERE entry_id = entry.hold_id;
            END IF;
        END LOOP;
        RETURN NULL;
    END IF;

    SELECT link.id INTO wrong
      FROM (SELECT e.id, e.upt_id, e.sequence, e.previous_hash,
                   lag(e.sequence) OVER chain AS before_sequence,
                   lag(e.hash) OVER chain AS before_hash
              FROM fresh e
            WINDOW chain AS (PARTITION BY e.upt_id ORDER BY e.sequence)) link
      LEFT JOIN stock_head h ON h.upt_id = link.upt_id
     WHERE link.sequence IS DISTINCT FROM coalesce(link.before_sequence, h.sequence) + 1
        OR link.previous_hash IS DISTINCT FROM coalesce(link.before_hash, h.hash)
     LIMIT 1;
    IF FOUND THEN PERFORM stock_refuse('stock_chain', wrong); END IF;

    IF EXISTS (SELECT FROM fresh WHERE hold_id IS NOT NULL) THEN
        SELECT f.id INTO wrong
          FROM fresh f LEFT JOIN stock_hold h ON h.entry_id = f.hold_id
         WHERE f.hold_id IS NOT NULL
           AND NOT coalesce(
               h.upt_id = f.upt_id AND h.variant_id = f.variant_id AND h.lot_id = f.lot_id
               AND CASE
                   WHEN f.phase = 'move' THEN
                       h.state = 'posted' AND f.from_account = h.to_account
                       AND f.quantity = h.quantity_posted
                   ELSE
                       h.state = 'open' AND f.from_account = h.from_account
                       AND f.to_account = h.to_account AND f.quantity <= h.quantity
                       AND (f.phase = 'post' OR f.quantity = h.quantity)
                   END, false)
         LIMIT 1;
        IF FOUND THEN PERFORM stock_refuse('stock_hold_closed', wrong); END IF;
    END IF;

    IF EXISTS (SELECT FROM fresh WHERE reverses_id IS NOT NULL) THEN
        SELECT f.id INTO wrong
          FROM fresh f LEFT JOIN stock_entry o ON o.id = f.reverses_id
         WHERE f.reverses_id IS NOT NULL
           AND NOT coalesce(
               o.upt_id = f.upt_id AND o.variant_id = f.variant_id AND o.lot_id = f.lot_id
               AND o.from_account = f.to_account AND o.to_account = f.from_account
               AND f.quantity <= o.quantity AND o.phase IN ('move', 'post')
               AND o.reverses_id IS NULL, false)
         LIMIT 1;
        IF FOUND THEN PERFORM stock_refuse('stock_reversal', wrong); END IF;
    END IF;

    INSERT INTO stock_balance
    SELECT f.upt_id, f.variant_id, f.lot_id, side.account, 0, 0, 0, 0
      FROM fresh f CROSS JOIN LATERAL (VALUES (f.from_account), (f.to_account)) side (account)
     WHERE f.phase IN ('move', 'hold')
     ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING;

    UPDATE stock_balance b
       SET in_posted = b.in_posted + delta.in_posted,
           out_posted = b.out_posted + delta.out_posted,
           in_pending = b.in_pending + delta.in_pending,
           out_pending = b.out_pending + delta.out_pending
      FROM (SELECT f.upt_id, f.variant_id, f.lot_id, side.account,
                   sum(side.is_to * f.posted) AS in_posted,
                   sum((1 - side.is_to) * f.posted) AS out_posted,
                   sum(side.is_to * f.pending) AS in_pending,
                   sum((1 - side.is_to) * f.pending) AS out_pending
              FROM (SELECT e.upt_id, e.variant_id, e.lot_id, e.from_account, e.to_account,
                           CASE WHEN e.phase IN ('move', 'post') THEN e.quantity ELSE 0 END
                               AS posted,
                           CASE e.phase WHEN 'hold' THEN e.quantity
                                        WHEN 'void' THEN -e.quantity
                                        WHEN 'post' THEN
                               -(SELECT h.quantity FROM stock_hold h
                                  WHERE h.entry_id = e.hold_id)
                                        ELSE 0 END AS pending
                      FROM fresh e WHERE e.phase <> 'keep') f
             CROSS JOIN LATERAL
                   (VALUES (f.from_account, 0), (f.to_account, 1)) side (account, is_to)
             GROUP BY 1, 2, 3, 4) delta
     WHERE b.upt_id = delta.upt_id AND b.variant_id = delta.variant_id
       AND b.lot_id = delta.lot_id AND b.account = delta.account;

    INSERT INTO stock_hold
    SELECT f.id, f.upt_id, f.variant_id, f.lot_id, f.from_account, f.to_account, f.quantity,
           0, f.expires_at, 'open'
      FROM fresh f WHERE f.phase = 'hold' ORDER BY f.id;

    IF EXISTS (SELECT FROM fresh WHERE phase IN ('post', 'void', 'keep')) THEN
        UPDATE stock_hold h
           SET state = CASE WHEN f.phase = 'post' THEN 'posted'
                            WHEN f.phase = 'keep' THEN 'open'
                            WHEN f.kind = 'expired' THEN 'expired' ELSE 'voided' END,
               quantity_posted = CASE WHEN f.phase = 'post' THEN f.quantity ELSE 0 END,
               expires_at = CASE WHEN f.phase = 'keep' THEN f.expires_at
                                 ELSE h.expires_at END
          FROM fresh f
         WHERE h.entry_id = f.hold_id AND f.phase IN ('post', 'void', 'keep');
    END IF;

    UPDATE stock_head h
       SET sequence = tail.sequence, hash = tail.hash, written_at = tail.written_at
      FROM (SELECT DISTINCT ON (f.upt_id) f.upt_id, f.sequence, f.hash, f.written_at,
                   count(*) OVER (PARTITION BY f.upt_id) AS added
              FROM fresh f ORDER BY f.upt_id, f.sequence DESC) tail
     WHERE h.upt_id = tail.upt_id AND h.sequence = tail.sequence - tail.added;
    GET DIAGNOSTICS touched = ROW_COUNT;
    SELECT count(DISTINCT upt_id) INTO chains FROM fresh;
    IF touched <> chains THEN PERFORM stock_refuse('stock_chain', 0); END IF;
    RETURN NULL;
END $$

-- next

CREATE FUNCTION stock_post_line(
    p_upt_id bigint, p_variant_id bigint, p_quantity int, p_line int,
    p_phase text, p_kind text, p_from text[], p_to text, p_on date, p_expires_at timestamptz,
    p_happened_at timestamptz, p_at timestamptz, p_actor text, p_reason text, p_note text,
    p_source_kind text, p_source_key text, p_fingerprint text
) RETURNS bigint[] LANGUAGE plpgsql AS $$
-- Pick the lot that goes first, chain one entry to the head, which is locked here, and insert it.
-- Returns its id, UPT, variant, lot and quantity; null with nothing written when the UPT has no
-- head, the source posted before, or the first lot does not hold all the pieces.
DECLARE
    done bigint[];
BEGIN
    PERFORM FROM stock_head WHERE upt_id = p_upt_id FOR UPDATE;
    INSERT INTO stock_entry (
        id, upt_id, sequence, phase, kind, variant_id, lot_id, from_account, to_account, quantity,
        expires_at, happened_at, written_at, actor, reason, note, source_kind, source_key,
        source_line, fingerprint, previous_hash, hash)
    SELECT p_upt_id * 1099511627776 + head.number, p_upt_id, head.number, p_phase, p_kind,
           p_variant_id, lot.lot_id, lot.account, p_to, p_quantity, p_expires_at, p_happened_at,
           head.written_at, p_actor, p_reason, p_note, p_source_kind, p_source_key, p_line,
           p_fingerprint, head.hash,
           encode(sha256(convert_to(concat_ws(E'\t',
               head.hash, 'karyabina-stock-1', p_upt_id, head.number,
               to_char(head.written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               to_char(p_happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               p_phase, p_kind, p_variant_id, lot.lot_id, lot.account, p_to, p_quantity, '', '',
               coalesce(to_char(
                   p_expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ''),
               p_actor, p_reason, p_note, p_source_kind, p_source_key, p_line, p_fingerprint
           ), 'UTF8')), 'hex')
      FROM (SELECT h.sequence + 1 AS number, h.hash,
                   greatest(p_at, h.written_at) AS written_at
              FROM stock_head h WHERE h.upt_id = p_upt_id) head
     CROSS JOIN
           (SELECT b.lot_id, b.account, b.in_posted - b.out_posted - b.out_pending AS free
              FROM stock_balance b JOIN stock_lot l ON l.id = b.lot_id
             WHERE b.upt_id = p_upt_id AND b.variant_id = p_variant_id
               AND b.in_posted - b.out_posted - b.out_pending > 0
               AND array_position(p_from, b.account::text) IS NOT NULL
               AND l.state = 'open' AND coalesce(l.expires_on, 'infinity') >= p_on
             ORDER BY b.account = 'capacity', l.expires_on NULLS LAST,
                      array_position(p_from, b.account::text), b.lot_id
             LIMIT 1) lot
     WHERE lot.free >= p_quantity
       AND NOT EXISTS (
           SELECT FROM stock_entry e
            WHERE e.upt_id = p_upt_id AND e.source_kind = p_source_kind
              AND e.source_key = p_source_key AND e.source_line = p_line)
    RETURNING ARRAY[id, upt_id, variant_id, lot_id, quantity] INTO done;
    RETURN done;
END $$

-- next

CREATE FUNCTION stock_post_lines(
    p_upt_ids bigint[], p_variant_ids bigint[], p_quantities int[],
    p_phase text, p_kind text, p_from text[], p_to text, p_on date, p_expires_at timestamptz,
    p_happened_at timestamptz, p_at timestamptz, p_actor text, p_reason text, p_note text,
    p_source_kind text, p_source_key text, p_fingerprint text
) RETURNS bigint[] LANGUAGE plpgsql AS $$
-- Several lines, all or none; see stock_post.
DECLARE
    line int := 0;
    made bigint[];
    done bigint[] := '{}';
BEGIN
    FOR want IN 1 .. array_length(p_upt_ids, 1) LOOP
        line := CASE WHEN p_upt_ids[want] = p_upt_ids[want - 1] THEN line + 1 ELSE 0 END;
        made := stock_post_line(
            p_upt_ids[want], p_variant_ids[want], p_quantities[want], line, p_phase, p_kind, p_from,
            p_to, p_on, p_expires_at, p_happened_at, p_at, p_actor, p_reason, p_note,
            p_source_kind, p_source_key, p_fingerprint);
        IF made IS NULL THEN RAISE EXCEPTION 'not plain' USING ERRCODE = 'KB001'; END IF;
        done := done || made;
    END LOOP;
    RETURN done;
EXCEPTION WHEN SQLSTATE 'KB001' THEN
    RETURN NULL;
END $$

-- next

CREATE FUNCTION stock_post(
    p_upt_ids bigint[], p_variant_ids bigint[], p_quantities int[],
    p_phase text, p_kind text, p_from text[], p_to text, p_on date, p_expires_at timestamptz,
    p_happened_at timestamptz, p_at timestamptz, p_actor text, p_reason text, p_note text,
    p_source_kind text, p_source_key text, p_fingerprint text,
    p_actor_kind text, p_actor_user_id bigint, p_actor_label text, p_action text
) RETURNS bigint[] LANGUAGE plpgsql AS $$
-- One posting in one trip: an entry for every (UPT, variant), which come sorted, and its audit
-- entry. Returns id, UPT, variant, lot and quantity of each entry, one after the other; or null
-- with nothing written when a line is not of the plain sort (see stock_post_line), or a text
-- holds what canonical lines escape. The caller then goes on by its own rules, in the same transaction.
DECLARE
    last CONSTANT int := array_length(p_upt_ids, 1);
    done bigint[];
BEGIN
    IF concat(p_actor, p_reason, p_note, p_source_kind, p_source_key) ~ '[\\\t\n\r]' THEN
        RETURN NULL;
    ELSIF last = 1 THEN
        done := stock_post_line(
            p_upt_ids[1], p_variant_ids[1], p_quantities[1], 0, p_phase, p_kind, p_from, p_to, p_on,
            p_expires_at, p_happened_at, p_at, p_actor, p_reason, p_note, p_source_kind,
            p_source_key, p_fingerprint);
    ELSE
        done := stock_post_lines(
            p_upt_ids, p_variant_ids, p_quantities, p_phase, p_kind, p_from, p_to, p_on,
            p_expires_at, p_happened_at, p_at, p_actor, p_reason, p_note, p_source_kind,
            p_source_key, p_fingerprint);
    END IF;
    IF done IS NULL THEN RETURN NULL; END IF;
    INSERT INTO audit_entry (
        at, actor_kind, actor_user_id, actor_label, action, subject, upt_id, detail)
    VALUES (p_at, p_actor_kind, p_actor_user_id, p_actor_label, p_action,
            left(p_source_kind || ':' || p_source_key, 200),
            CASE WHEN p_upt_ids[1] = p_upt_ids[last] THEN p_upt_ids[1] END,
            format('{"entries":%s,"pieces":%s,"sequence":%s,"variant_id":%s}',
                   last, (SELECT sum(pieces) FROM unnest(p_quantities) pieces),
                   done[1] & 1099511627775, done[3]));
    RETURN done;
END $$
