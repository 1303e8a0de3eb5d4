-- Which checks a score comes from: scores of different catalogues differ for that too. Not known of
-- scans from before this was kept.
ALTER TABLE scans ADD COLUMN catalogue_version BIGINT;
