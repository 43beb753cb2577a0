"""The units that make the goods and the regional offices above them, with names that have dates."""
