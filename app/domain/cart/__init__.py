"""The basket of a guest or a signed-in buyer; promises nothing, holds no stock."""
