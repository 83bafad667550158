package tracing

import (
	"cmp"
	"slices"
)

// queue is lots in the order of their arrival. Lots leave at either end
// without moving the others.
type queue struct {
	list []lot
	head int // the lots before it have left
}

// gone marks the place of a lot that was taken out of the middle.
const gone = 1<<32 - 1

func (q *queue) len() int    { return len(q.list) - q.head }
func (q *queue) live() []lot { return q.list[q.head:] }
func (q *queue) push(l lot)  { q.list = append(q.list, l) }

// at is the next lot at the end from which the rule draws.
func (q *queue) at(end sharing) *lot {
	if end == newest {
		return &q.list[len(q.list)-1]
	}
	return &q.list[q.head]
}

// drop removes the lot that at gives. Room at the front is used again when it
// is half of the list, so a queue is never longer than twice its lots.
func (q *queue) drop(end sharing) {
	if end == newest {
		q.list = q.list[:len(q.list)-1]
	} else {
		q.head++
	}
	if q.head > 16 && 2*q.head > len(q.list) || q.len() == 0 {
		q.list = append(q.list[:0], q.live()...)
		q.head = 0
	}
}

// tidy closes the gaps that lots taken out of the middle have left.
func (q *queue) tidy() {
	q.list = append(q.list[:q.head], slices.DeleteFunc(q.live(), func(l lot) bool { return l.place == gone })...)
}

// insert puts a lot at its place among the others.
func (q *queue) insert(l lot) {
	i, _ := slices.BinarySearchFunc(q.live(), l.place, func(x lot, place uint32) int { return cmp.Compare(x.place, place) })
	q.list = slices.Insert(q.list, q.head+i, l)
}
