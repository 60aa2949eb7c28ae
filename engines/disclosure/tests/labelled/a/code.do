clear
input age sexe revenu
45 1 23000
52 2 31000
38 1 18500
61 2 27000
end
regress revenu age
