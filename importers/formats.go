package importers

// Formats lists every format that can be read, in the order in which help
// and errors name them.
func Formats() []Format {
	return []Format{}
}
