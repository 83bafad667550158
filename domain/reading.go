package domain

// Item is what became of one piece of a file that was read: Row, FreezeNews,
// Reject or Noise, which count as read; or Warning or NewAsset, which do not.
type Item interface{ item() }

// Row is one line that could be read. Its movement has no name yet. Where the
// file does not say who the counterparty is, From or To is empty: casework
// gives such an account a name of its own.
type Row struct{ Movement Movement }

// Reject is one line that could not be taken, and why.
type Reject struct {
	Evidence Evidence // File is empty: the reader does not know it
	Field    string   // empty: the line as a whole
	Reason   string
}

// Noise is a line that is not meant to say anything: blank, a heading, a total.
type Noise struct{ Line int }

// Warning is something about the file that a person must know; line 0 is the
// file as a whole.
type Warning struct {
	Line   int
	Reason string
}

// NewAsset is a token that the file names with its contract, before its first
// row. Assumed says that no decimals were stated and 18 were taken.
type NewAsset struct {
	Asset   Asset
	Name    string
	Assumed bool
}

func (Row) item()      {}
func (Reject) item()   {}
func (Noise) item()    {}
func (Warning) item()  {}
func (NewAsset) item() {}

// ReadOptions are what the reader of a file may need to know beside its bytes.
type ReadOptions struct {
	Assets  Assets
	Source  string    // who made the file, where the person says so
	Account AccountID // whose statement it is, where the file does not say
	Sheet   string    // of a workbook
	Map     []byte    // a mapping file, for --format mapped
}
