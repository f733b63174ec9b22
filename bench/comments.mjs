// What the report says below the tables of a work: what bounds a figure, and how that was found.
export const comments = {};
