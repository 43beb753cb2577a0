-- Balances, holds and heads move by the fold of entries alone; statements are parted by lines: next.
--
-- The fold runs inside the trigger of stock_entry, so its statements are never the outermost ones.
-- Of an outermost statement the condition below calls the function; of all others it costs nothing more.

CREATE FUNCTION stock_refuse_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock_rebuild) THEN
        RAISE EXCEPTION 'stock_derived: % follows the entries and is not written by hand', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stock_derived';
    END IF;
    RETURN NULL;
END $$

-- next

CREATE FUNCTION stock_refuse_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence <> 0 OR NEW.hash <> repeat('0', 64) THEN
        RAISE EXCEPTION 'stock_derived: a new head begins before the first entry'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stock_derived';
    END IF;
    RETURN NEW;
END $$

-- next

CREATE TRIGGER stock_balance_derived BEFORE INSERT OR UPDATE OR DELETE ON stock_balance
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock_refuse_outside()

-- next

CREATE TRIGGER stock_balance_kept BEFORE TRUNCATE ON stock_balance
    FOR EACH STATEMENT EXECUTE FUNCTION stock_refuse_outside()

-- next

CREATE TRIGGER stock_hold_derived BEFORE INSERT OR UPDATE OR DELETE ON stock_hold
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock_refuse_outside()

-- next

CREATE TRIGGER stock_hold_kept BEFORE TRUNCATE ON stock_hold
    FOR EACH STATEMENT EXECUTE FUNCTION stock_refuse_outside()

-- next

CREATE TRIGGER stock_head_derived BEFORE UPDATE OR DELETE ON stock_head
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stock_refuse_outside()

-- next

CREATE TRIGGER stock_head_new BEFORE INSERT ON stock_head
    FOR EACH ROW EXECUTE FUNCTION stock_refuse_head()

-- next

CREATE TRIGGER stock_head_kept BEFORE TRUNCATE ON stock_head
    FOR EACH STATEMENT EXECUTE FUNCTION stock_refuse_outside()
