-- Which probes a scan runs.
ALTER TABLE scans ADD COLUMN profile TEXT NOT NULL DEFAULT 'safe';
