package tracing

// victimSet is victims by number, a bit each.
type victimSet []uint64

func (s victimSet) with(v int32) victimSet {
	if int(v/64) >= len(s) {
		s = append(s, make(victimSet, int(v/64)+1-len(s))...)
	}
	s[v/64] |= 1 << (v % 64)
	return s
}

func (s victimSet) without(v int32) {
	if int(v/64) < len(s) {
		s[v/64] &^= 1 << (v % 64)
	}
}

func (s victimSet) plus(t victimSet) victimSet {
	if len(t) > len(s) {
		s = append(s, make(victimSet, len(t)-len(s))...)
	}
	for i := range t {
		s[i] |= t[i]
	}
	return s
}
