package casework

// InBatchesOf has the desk's imports decide so many rows together.
func (d *Desk) InBatchesOf(rows int) { d.rows = rows }
