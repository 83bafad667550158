package domain

// Crockford's letters leave out I, L, O and U: a name is read over the
// telephone.
const nameLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// letterValues says what the letters a to z stand for; 0xff is none of a name's.
const letterValues = "\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\xff\x12\x13\xff\x14\x15\xff\x16\x17\x18\x19\x1a\xff\x1b\x1c\x1d\x1e\x1f"

// nameLength is how many letters 128 bits take, five bits each.
const nameLength = 26

// Digest is the 128 bits that a movement's name spells.
type Digest [16]byte

// Name spells the digest in Crockford's letters.
func (d Digest) Name() MovementID {
	var text [nameLength]byte
	d.spell(text[:])
	return MovementID(text[:])
}

// spell writes one letter for every letter there is room for; each stands for
// five bits, the highest first, and the last is filled up with zeros.
func (d Digest) spell(text []byte) {
	bits, held, next := uint32(0), 0, 0
	for i := range text {
		if held < 5 {
			bits <<= 8
			if next < len(d) {
				bits |= uint32(d[next])
			}
			next, held = next+1, held+8
		}
		held -= 5
		text[i] = nameLetters[bits>>held&31]
	}
}

// Digest gives the 128 bits of a name that Identify made, and no others: each
// digest has one spelling.
func (id MovementID) Digest() (d Digest, ok bool) {
	if len(id) != nameLength {
		return d, false
	}
	bits, held, next := uint32(0), 0, 0
	for i := range nameLength {
		value := letterValue(id[i])
		if value > 31 {
			return Digest{}, false
		}
		bits, held = bits<<5|uint32(value), held+5
		if held >= 8 {
			held -= 8
			d[next] = byte(bits >> held)
			next++
		}
	}
	return d, bits&(1<<held-1) == 0
}

func letterValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'z':
		return letterValues[c-'a']
	}
	return 0xff
}
